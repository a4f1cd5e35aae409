"""Every size of the interface, in logical pixels, in one place."""

GRID = 4
"""The unit that distances are multiples of."""
GUTTER = 16
"""Between the edge of a region and what stands in it."""
STAGE_MARGIN = 28
ROW = 28
"""Height of a control, and of a row with one."""
ROW_GAP = 6
"""Between two rows of controls."""

RADIUS_HIGHLIGHT = 3
RADIUS_CONTROL = 6
RADIUS_CARD = 10

HAIRLINE = 1
LINK = 2
"""Width of a line that joins two things, and of the border of a control in error."""
ROLE_OUTLINE = 3
CURRENT_OUTLINE = 2
HALO = 1.5
"""Width, in stage colour, around every outline over data."""
FOCUS_RING = 2
FOCUS_GAP = 2

ICON = 16
ICON_SMALL = 14
"""Within a control, beside its words."""
ICON_TRANSPORT = 18

# Regions of the window.
LESSON_LIST = 208
RAIL = 56
TOP_BAR = 44
PANEL = 296
TRANSPORT = 92
TRANSPORT_LEAST = 560
STAGE_LEAST = (560, 480)

LABEL_COLUMN = 92
"""Width of the column of labels left of the controls of the panel."""

# Type, see ``fonts`` for what becomes of half pixels.
HEADLINE = 22
BODY = 13
BODY_LINE = 18
"""Distance between the baselines of running text."""
TITLE = 12.5
CONTROL = 12.5
CAPTION = 11.5
NOTE = 12
"""On segments and cards."""
CAPTION_LINE = 17
"""Distance between the baselines of captions and notes."""
GROUP = 11
"""Titles of groups in a list."""
TEXT_LEAST = 10.5
"""No text is smaller."""

REGULAR = 400
MEDIUM = 500
SEMIBOLD = 600
