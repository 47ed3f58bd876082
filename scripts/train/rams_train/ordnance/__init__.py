"""The detector of surface ordnance: boxes with a family and a type, at 4 mm per pixel."""
