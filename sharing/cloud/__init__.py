"""The outside, as the portal sees it: Keystone and the Image API. No Django here."""
