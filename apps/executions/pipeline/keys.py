"""Keys of many rows at once."""


def one_of_many_ids(number):
    """SQL for a UUIDv7 of each row of a statement; `number` (SQL too) is the row's, below 2³².

    The database makes one id for the statement and the last 32 bits count (RFC 9562, section 6.2):
    asking the system's random source for each row costs more than all else about the row.
    """
    return f"(left((SELECT uuidv7()::text), 28) || lpad(to_hex({number}), 8, '0'))::uuid"
