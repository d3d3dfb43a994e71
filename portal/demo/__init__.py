"""The demo: a real Keystone, a real Glance, a mailbox and the portal on one machine, for people
and for tests.
"""
