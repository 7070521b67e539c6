'use strict';

/** HMAC-SHA256 (RFC 2104, FIPS 180-4), so that the fake runs at once wherever JavaScript does, web pages included. */

const SIZE = 64;
const primes = [];
for (let number = 2; primes.length < SIZE; number += 1) if (primes.every((p) => number % p)) primes.push(number);
const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) >>> 0;
const INITIAL = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const ROUNDS = primes.map((prime) => fraction(Math.cbrt(prime)));
const turned = (word, by) => (word >>> by) | (word << (32 - by));

function padded(bytes) {
  const whole = new Uint8Array(Math.ceil((bytes.length + 9) / SIZE) * SIZE);
  whole.set(bytes);
  whole[bytes.length] = 0x80;
  new DataView(whole.buffer).setBigUint64(whole.length - 8, BigInt(bytes.length) * 8n);
  return whole;
}

function schedule(view, start) {
  const words = Array.from({ length: 16 }, (_, index) => view.getUint32(start + index * 4));
  for (let i = 16; i < SIZE; i += 1) {
    const [a, b] = [words[i - 15], words[i - 2]];
    const low = turned(a, 7) ^ turned(a, 18) ^ (a >>> 3);
    const high = turned(b, 17) ^ turned(b, 19) ^ (b >>> 10);
    words.push((words[i - 16] + low + words[i - 7] + high) >>> 0);
  }
  return words;
}

function compressed(state, words) {
  let [a, b, c, d, e, f, g, h] = state;
  words.forEach((word, round) => {
    const one = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[round] + word;
    const two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    [a, b, c, d, e, f, g, h] = [(one + two) >>> 0, a, b, c, (d + one) >>> 0, e, f, g];
  });
  return [a, b, c, d, e, f, g, h].map((word, index) => (word + state[index]) >>> 0);
}

function sha256(bytes) {
  const whole = padded(bytes);
  const view = new DataView(whole.buffer);
  let state = INITIAL;
  for (let start = 0; start < whole.length; start += SIZE) state = compressed(state, schedule(view, start));
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, index) => digest.setUint32(index * 4, word));
  return new Uint8Array(digest.buffer);
}

/** The bytes of a text in UTF-8; TextEncoder is not there in every test environment. */
const utf8 = (text) => Uint8Array.from(unescape(encodeURIComponent(text)), (one) => one.charCodeAt(0));

/** The HMAC-SHA256 of a text under a key that is text, in hexadecimal. */
function hmac(key, message) {
  const given = utf8(key);
  const block = new Uint8Array(SIZE);
  block.set(given.length > SIZE ? sha256(given) : given);
  const keyed = (mask, bytes) => sha256(Uint8Array.from([...block.map((byte) => byte ^ mask), ...bytes]));
  const digest = keyed(0x5c, keyed(0x36, utf8(message)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

module.exports = { hmac };
