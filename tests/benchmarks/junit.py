"""Large JUnit files, the same at every call."""

import random

TRACE = "\n".join(
    f"    at com.shop.module{n % 7}.Service{n}.handle(Service{n}.java:{100 + n})" for n in range(18)
)
LOG = "\n".join(f"12:00:{n:02d} INFO worker-{n} request {n:04x} answered" for n in range(12))
TESTS_OF_A_SUITE = 200


def write(path, tests, *, first_suite=0):
    """Write so many tests, about 600 bytes each: 2 % fail, 0.5 % err, 2 % are skipped."""
    dice = random.Random(tests)
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n')
        for start in range(0, tests, TESTS_OF_A_SUITE):
            number = first_suite + start // TESTS_OF_A_SUITE
            suite = f"com.shop.module{number % 40}.Suite{number}Test"
            count = min(TESTS_OF_A_SUITE, tests - start)
            file.write(f'<testsuite name="{suite}" tests="{count}">\n')
            for place in range(count):
                file.write(_case(suite, place, dice))
            file.write("</testsuite>\n")
        file.write("</testsuites>\n")
    return path


def _case(suite, place, dice):
    name = f"does_something_worth_a_name_{place}[size={place % 10}, text=&quot;x{place}&quot;]"
    head = f'<testcase classname="{suite}" name="{name}" time="{dice.random() / 2:.4f}"'
    if place % 50 == 0:
        message = f"expected:&lt;{place}&gt; but was:&lt;{place + 1}&gt;"
        return f'{head}><failure message="{message}">{TRACE}</failure></testcase>\n'
    if place == 1:
        return f'{head}><error message="no such service">{TRACE}</error></testcase>\n'
    if place % 50 == 7:
        return f'{head}><skipped message="needs a printer"/></testcase>\n'
    if place % 4 == 3:
        return f"{head}><system-out><![CDATA[{LOG}]]></system-out></testcase>\n"
    return f"{head}/>\n"
