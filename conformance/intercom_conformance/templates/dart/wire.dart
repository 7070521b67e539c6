// UNTESTED: this file has never been compiled or run. Written by intercom-conformance {{version}}.

import 'dart:async';
import 'dart:convert';
import 'dart:io';

/// Asks the native SDK, which the kit plays. Ends with its value, null if there is none, or with a [SdkError].
typedef Bridge = Future<Object?> Function(String method, List<Object?> arguments);

/// What the native SDK reports.
class SdkError implements Exception {
  const SdkError(this.code, this.message);

  final int code;
  final String message;

  @override
  String toString() => '$code: $message';
}

/// What an app gives a method.
class Arguments {
  const Arguments(this.given);

  final List<Object?> given;

  /// One argument, null if the app left it out.
  Object? at(int index) => index < given.length ? given[index] : null;
}

/// What a driver says of its binding.
abstract interface class Binding {
  /// How it introduces itself: the keys of initialize-result in the protocol's schema.
  Map<String, Object> describe();

  /// Makes it new, as in a newly installed app, with this bridge.
  void reset(Bridge native);

  /// Calls a method as an app does; gives its future, or what it returns, or null.
  Object? call(String method, Arguments arguments);

  /// Ends when its own timers and isolates have nothing left to do.
  Future<void> idle();
}

/// What the app gets when a future fails. Change it if your binding has an error class of its own.
Object errorOf(Object error) =>
    error is SdkError ? {'code': error.code, 'message': error.message} : {'message': '$error'};

/// Serves the binding until the kit says shutdown or closes the input. Prints go to standard error.
void serve(Binding binding) {
  stdout.encoding = utf8;
  final wire = _Wire(binding);
  final prints = ZoneSpecification(print: (self, parent, zone, line) => stderr.writeln(line));
  runZonedGuarded(wire.listen, (error, trace) => wire.app.crashed(error, trace), zoneSpecification: prints);
}

class _Refused implements Exception {
  const _Refused(this.code, this.message);

  final int code;
  final String message;
}

/// A newly installed app; what an earlier one still does reaches nobody.
class _App {
  _App(this.wire);

  final _Wire wire;
  final Map<String, Completer<Object?>> held = {};
  List<Map<String, Object?>> settled = [];
  Map<String, Object?>? thrown;
  Object? returned;

  Future<Object?> native(String method, List<Object?> arguments) async {
    if (!identical(wire.app, this)) return Completer<Object?>().future;
    final reply = await wire.ask(method, arguments);
    final error = reply['error'] as Map<String, Object?>?;
    final result = (reply['result'] ?? const <String, Object?>{}) as Map<String, Object?>;
    if (error != null) throw _sdkError(error['data']);
    if (!result.containsKey('held')) return result['value'];
    final waiting = held[result['held'] as String] = Completer<Object?>();
    return waiting.future;
  }

  void answer(Map<String, Object?> params) {
    final waiting = held.remove(params['ticket']);
    if (waiting == null) throw _Refused(-32000, 'No native request is held under ticket ${params['ticket']}.');
    if (params['error'] != null) {
      waiting.completeError(_sdkError(params['error']));
    } else {
      waiting.complete(params['value']);
    }
  }

  SdkError _sdkError(Object? error) {
    final told = error as Map<String, Object?>;
    return SdkError(told['code'] as int, told['message'] as String);
  }

  void call(Map<String, Object?> params) {
    final name = params['call'] as String;
    try {
      final result = wire.binding.call(params['method'] as String, Arguments(params['arguments'] as List<Object?>));
      if (result is! Future<Object?>) {
        returned = result;
        return;
      }
      result.then((value) => settle(name, 'success', value), onError: (Object error) {
        settle(name, 'error', errorOf(error));
      });
    } catch (error, trace) {
      crashed(error, trace);
    }
  }

  void settle(String call, String callback, Object? value) {
    settled.add({'call': call, 'callback': callback, if (value != null) 'value': value});
  }

  void crashed(Object error, StackTrace trace) {
    stderr.writeln('$error\n$trace');
    thrown ??= {'type': '${error.runtimeType}', 'message': '$error'};
  }

  /// Everything that the app sees until nothing is left to do but wait for the kit.
  Future<Map<String, Object?>> react() async {
    await wire.quiescence();
    final reaction = {
      if (thrown != null) 'thrown': thrown else if (returned != null) 'returned': returned,
      'settled': settled,
    };
    settled = [];
    thrown = null;
    returned = null;
    return reaction;
  }
}

class _Wire {
  _Wire(this.binding);

  final Binding binding;
  late _App app = _App(this);
  final Map<String, Completer<Map<String, Object?>>> _awaiting = {};
  final List<Map<String, Object?>> _postponed = [];
  bool _serving = false;
  int _requests = 0;
  Future<void> _last = Future.value();

  void listen() {
    final lines = stdin.transform(utf8.decoder).transform(const LineSplitter());
    lines.listen((line) => receive(jsonDecode(line) as Map<String, Object?>), onDone: () => exit(0));
  }

  void receive(Map<String, Object?> message) {
    if (message.containsKey('method')) {
      _last = _last.then((_) => respond(message));
    } else {
      _awaiting.remove(message['id'])?.complete(message);
    }
  }

  Future<Map<String, Object?>> ask(String method, List<Object?> arguments) {
    final id = 'n${_requests += 1}';
    final awaited = _awaiting[id] = Completer<Map<String, Object?>>();
    final request = {
      'id': id,
      'method': 'native',
      'params': {'method': method, 'arguments': arguments},
    };
    _serving ? send(request) : _postponed.add(request); // the kit does not listen between two requests
    return awaited.future;
  }

  void send(Map<String, Object?> content) =>
      stdout.writeln(jsonEncode({'jsonrpc': '2.0', ...content}, toEncodable: _shown));

  Object _shown(Object? value) => {'unserialisable': '$value'};

  /// Ends when no reply of the kit is awaited, and the event loop has turned twice since.
  Future<void> quiescence() async {
    for (var calm = 0; calm < 2 || _awaiting.isNotEmpty; calm = _awaiting.isEmpty ? calm + 1 : 0) {
      await Future.wait([for (final awaited in _awaiting.values) awaited.future]);
      await Future<void>.delayed(Duration.zero);
      await binding.idle();
    }
  }

  Future<void> respond(Map<String, Object?> request) async {
    final method = request['method'] as String;
    _serving = true;
    if (method == 'reset') forget();
    _postponed
      ..forEach(send)
      ..clear();
    final answer = await answered(method, request['params'] as Map<String, Object?>);
    _serving = false;
    send({'id': request['id'], ...answer});
    if (method == 'shutdown') await stdout.flush().then((_) => exit(0));
  }

  /// The result of a request, or the error that says why it cannot be served.
  Future<Map<String, Object?>> answered(String method, Map<String, Object?> params) async {
    try {
      return {'result': await result(method, params)};
    } catch (error) {
      final refused = error is _Refused ? error : _Refused(-32000, '$error');
      return {
        'error': {'code': refused.code, 'message': refused.message},
      };
    }
  }

  void forget() {
    app = _App(this);
    _awaiting.clear();
    _postponed.clear();
  }

  Future<Map<String, Object?>> result(String method, Map<String, Object?> params) async {
    switch (method) {
      case 'initialize':
        return initialize(params['protocol']);
      case 'reset':
        binding.reset(app.native);
        await app.react();
        return {};
      case 'call':
        app.call(params);
        return app.react();
      case 'answer':
        app.answer(params);
        return app.react();
      case 'shutdown':
        return {};
    }
    throw _Refused(-32601, 'This driver does not serve $method.');
  }

  Map<String, Object?> initialize(Object? protocol) {
    if (protocol != '1.0') throw _Refused(-32000, 'This driver speaks protocol 1.0, not $protocol.');
    return {'protocol': protocol, 'kind': 'wrapper', ...binding.describe()};
  }
}
