"""What is wrong with a set-up, in words: `ppg doctor`. Looks, asks, and changes nothing."""
