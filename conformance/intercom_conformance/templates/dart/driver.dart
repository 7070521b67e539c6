// UNTESTED: this file has never been compiled or run. Written by intercom-conformance {{version}}.

import 'wire.dart';

// Puts one binding at the disposal of intercom-conformance. README.md explains it; what is marked REPLACE is a sample.

void main() => serve(Driver());

class Driver implements Binding {
  late SampleSdk _sdk;

  // REPLACE: what your binding is.
  @override
  Map<String, Object> describe() => {
        'name': 'my-sdk',
        'version': '0.0.0',
        'language': 'dart',
        'platform': 'android',
        'style': 'promises',
        'capabilities': ['session', 'log-event', 'event-metadata', 'is-user-logged-in'],
      };

  // REPLACE: a newly installed app, with `native` where the native SDK would be.
  @override
  void reset(Bridge native) => _sdk = SampleSdk(native);

  // REPLACE: how an app calls it, by the guide's names. A method that gives no future gives its value.
  @override
  Object? call(String method, Arguments arguments) => switch (method) {
        'loginUnidentifiedUser' => _sdk.loginUnidentifiedUser(),
        'loginUserWithUserAttributes' => _sdk.loginUser(arguments.at(0)),
        'logout' => _sdk.logout(),
        'logEvent' => _sdk.logEvent(arguments.at(0), arguments.at(1)),
        'isUserLoggedIn' => _sdk.isUserLoggedIn(),
        _ => throw UnsupportedError('There is no method $method.'),
      };

  // REPLACE if your binding has timers or isolates: ends when none of them has anything left to do.
  @override
  Future<void> idle() async {}
}

/// REPLACE by your binding. The sample passes each call on to its bridge.
class SampleSdk {
  SampleSdk(this._native);

  final Bridge _native;

  Future<Object?> loginUnidentifiedUser() => _native('loginUnidentifiedUser', []);
  Future<Object?> loginUser(Object? attributes) => _native('loginUserWithUserAttributes', [attributes]);
  Future<Object?> logout() => _native('logout', []);
  Future<Object?> logEvent(Object? name, Object? metadata) => _native('logEvent', [name, metadata]);
  Future<Object?> isUserLoggedIn() => _native('isUserLoggedIn', []);
}
