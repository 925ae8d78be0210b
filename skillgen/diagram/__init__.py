"""Diagram: the edges of the integration map to a drawing in layers, from who acts on the left to on whom on the right.

The method is that of Sugiyama, Tagawa and Toda ("Methods for Visual Understanding of Hierarchical System Structures",
1981): turn edges of cycles around, put nodes into layers, order each layer by the mean place of its neighbours. Between
two layers of boxes lies a column that holds nothing but labels. A label, and each place where a line passes through a
column, is an item of its column like a box is, so that in the columns nothing lies over anything else.
"""

from skillgen.diagram.draw import draw_map

__all__ = ["draw_map"]
