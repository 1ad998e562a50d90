"""Headers of every answer, whoever gives it: page, API, error, refusal or static file."""

FORBIDDEN = """accelerometer autoplay camera display-capture encrypted-media geolocation
gyroscope hid magnetometer microphone midi payment screen-wake-lock serial usb
xr-spatial-tracking""".split()
OURS_ALONE = "clipboard-write publickey-credentials-create publickey-credentials-get".split()

HEADERS = {
    "Permissions-Policy": ", ".join(
        [f"{name}=()" for name in FORBIDDEN] + [f"{name}=(self)" for name in OURS_ALONE]
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

KEPT_BY_NOBODY = "private, no-store"
"""What is said of caches where nothing else is said."""
