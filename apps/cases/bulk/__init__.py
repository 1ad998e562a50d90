"""Changes of many cases at once: Python decides what each case will say, SQL writes them together.

`wanted` says what is asked for, `deciding` what becomes of one case, `writing` puts a batch down,
`work` goes through a change batch by batch, in its request or by a job. The verbs are in
lifecycle/bulk.py.
"""
