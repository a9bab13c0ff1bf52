"""The exchange register: how exchanges are listed, found, filtered and told as a story."""
