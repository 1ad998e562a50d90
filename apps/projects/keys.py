"""Keys of many rows at once.

The database makes one UUIDv7 for all of them, and its last 32 bits count (RFC 9562, section 6.2):
asking the system's random source for each row costs more than all else about the row.
"""

from uuid import UUID

from django.db import connection


def one_of_many_ids(number: str = "row_number() OVER ()") -> str:
    """SQL for the key of each row of a statement; `number`, SQL too, is the row's, below 2³²."""
    return f"(left((SELECT uuidv7()::text), 28) || lpad(to_hex({number}), 8, '0'))::uuid"


def many_ids(count: int) -> list[UUID]:
    """So many keys, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT uuidv7()")
        first = cursor.fetchone()[0].int >> 32 << 32
    return [UUID(int=first | number) for number in range(count)]
