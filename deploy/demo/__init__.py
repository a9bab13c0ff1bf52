"""The demo: starts everything, plays the story, and prints it for a co-ordinator."""
