"""The carrier that numbers are ordered from: `port.Carrier`; `simulator` plays one."""
