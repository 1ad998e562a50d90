"""What readers of uploaded files share: encodings, texts that can be kept, guarded XML.

Nothing here knows of Django or the database.
"""
