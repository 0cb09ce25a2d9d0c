"""The benchmark: what the gateway costs the cloud, the machine and the person at the door."""
