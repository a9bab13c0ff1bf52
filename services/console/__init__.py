"""The console: what co-ordinators and data protection officers look at. One process for each organisation.

It holds no data and decides nothing: gateway and agency service authorise and record each call, for the
person who is signed in.
"""
