/* The token that a request of a script needs, taken from a form of the page. */

export const token = (form) => form.elements.csrfmiddlewaretoken.value;
