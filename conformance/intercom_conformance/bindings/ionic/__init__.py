"""The family of cordova-plugin-intercom."""
