"""The register of device accounts: which password is rotated where, when and how."""
