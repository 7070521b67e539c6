// UNTESTED by the project's tests, which do not run this file; it was compiled and run by hand with Kotlin 1.3.
// Written by intercom-conformance {{version}}.

/**
 * Puts one binding at the disposal of intercom-conformance. README.md explains it; what is marked REPLACE is a sample.
 */
class Driver : Wire.Binding {
    private lateinit var sdk: SampleSdk

    /** REPLACE: what your binding is. */
    override fun describe(): Map<String, Any> = mapOf(
        "name" to "my-sdk",
        "version" to "0.0.0",
        "language" to "kotlin",
        "platform" to "android",
        "style" to "callbacks",
        "capabilities" to listOf("session", "log-event", "event-metadata", "is-user-logged-in", "callbacks")
    )

    /** REPLACE: a newly installed app, with the bridge where the native SDK would be. */
    override fun reset(bridge: Wire.Bridge) {
        sdk = SampleSdk(bridge)
    }

    /** REPLACE: how an app calls it, by the guide's names. What a method returns is returned here. */
    override fun call(
        method: String,
        arguments: Wire.Arguments,
        success: Wire.Callback?,
        error: Wire.Callback?
    ): Any? {
        when (method) {
            "loginUnidentifiedUser" -> sdk.loginUnidentifiedUser(success, error)
            "loginUserWithUserAttributes" -> sdk.loginUser(arguments.at(0), success, error)
            "logout" -> sdk.logout(success, error)
            "logEvent" -> sdk.logEvent(arguments.at(0), arguments.at(1), success, error)
            "isUserLoggedIn" -> sdk.isUserLoggedIn(success, error)
            else -> throw UnsupportedOperationException("There is no method $method.")
        }
        return null
    }
}

/** REPLACE by your binding. The sample passes each call on to its bridge. */
class SampleSdk(private val bridge: Wire.Bridge) {
    fun loginUnidentifiedUser(success: Wire.Callback?, error: Wire.Callback?) =
        bridge.ask("loginUnidentifiedUser", success, error)

    fun loginUser(attributes: Any?, success: Wire.Callback?, error: Wire.Callback?) =
        bridge.ask("loginUserWithUserAttributes", success, error, attributes)

    fun logout(success: Wire.Callback?, error: Wire.Callback?) = bridge.ask("logout", success, error)

    fun logEvent(name: Any?, metadata: Any?, success: Wire.Callback?, error: Wire.Callback?) =
        bridge.ask("logEvent", success, error, name, metadata)

    fun isUserLoggedIn(success: Wire.Callback?, error: Wire.Callback?) = bridge.ask("isUserLoggedIn", success, error)
}

fun main() = Wire.serve(Driver())
