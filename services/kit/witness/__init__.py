"""The organisation as a witness of the gateway's disclosure log: it looks on, cosigns, and raises the alarm.

Takes from the kit the evidence, the store and the exchange's packets; nothing in the kit but the composition
root and the arrivals takes anything from here.
"""
