# A comment may say told.
told = "mend it"  # /* refused */
