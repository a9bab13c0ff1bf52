"""The organisation as a witness of the gateway's disclosure log: it looks on, cosigns, and raises the alarm.

Stands on the evidence, the store and the exchange; only `exchange.parts`, which puts a process together,
takes anything from here.
"""
