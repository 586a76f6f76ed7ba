"""The joint response as kept and changed: rows to nouns of `braid.care` and back, each step with its audit entry.

Every function that changes something runs inside `looking`, in the transaction of the human who acts: the rules of
`braid.care` say whether a step may be taken, the policies of the database whether the row is theirs at all.
"""
