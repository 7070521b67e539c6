"""The family of @intercom/intercom-react-native."""
