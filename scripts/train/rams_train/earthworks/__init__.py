"""The segmenter of earthworks: masks of trenches, ditches, berms and pits, at 10 cm per pixel."""
