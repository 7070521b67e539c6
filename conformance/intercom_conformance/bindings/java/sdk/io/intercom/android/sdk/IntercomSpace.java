package io.intercom.android.sdk;

public enum IntercomSpace {
    Home("HOME"), HelpCenter("HELP_CENTER"), Messages("MESSAGES"), Tickets("TICKETS");

    private final String guideName;

    IntercomSpace(String guideName) {
        this.guideName = guideName;
    }

    String guideName() {
        return guideName;
    }
}
