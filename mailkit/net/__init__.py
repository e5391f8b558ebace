"""The virtual network: zones and their firewall, DNS, and two carriers for the bytes."""
