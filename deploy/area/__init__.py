"""An area of data: two years of exchanges, put into a gateway's store before it starts."""
