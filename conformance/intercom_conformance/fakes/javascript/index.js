'use strict';

/** `new Fake()` is an SDK of its own, for other bindings than the two that are here. */
module.exports = require('./lib/fake.js');
