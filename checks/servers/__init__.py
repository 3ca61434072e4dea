"""Brokers, databases and libvirt on the hosts: who may connect, and how."""
