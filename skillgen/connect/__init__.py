"""Connect: verified claims to the map of which tool meets which, each edge with the quotes that say so.

An edge comes from one clause, or one table row, in which a verb of the vocabulary stands between two names in a way
that leaves no doubt who acts on what. All else gives no edge: a map that lacks an edge is of use, one with a wrong edge
is not. The reading is a grammar of closed word lists that looks a few words to either side of a verb, so its time
follows the length of the text.
"""

from skillgen.connect.edges import connect_tools
from skillgen.connect.kinds import named_kinds, sort_kinds

__all__ = ["connect_tools", "named_kinds", "sort_kinds"]
