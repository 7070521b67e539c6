'use strict';

/**
 * What the adapters know of the API, whatever the binding: how an app that follows the guide writes a call.
 * The tests compare these tables with the specification.
 */

/**
 * How many parameters stand before the callbacks, by the names of the methods and of their aliases; the methods whose
 * success has something to tell; and the methods that a capability stands for, each with the one argument it is about,
 * if it is about one.
 */
const { parameters: PARAMETERS, telling: TELLING, capabilities: CAPABILITIES } = require('../guide.json');

/** Which function builds a type of content, and from which key of the content as the kit writes it. */
const BUILDERS = {
  ARTICLE: ['articleWithArticleId', 'id'],
  CAROUSEL: ['carouselWithCarouselId', 'id'],
  SURVEY: ['surveyWithSurveyId', 'id'],
  CONVERSATION: ['conversationWithConversationId', 'id'],
  HELP_CENTER_COLLECTIONS: ['helpCenterCollectionsWithIds', 'ids'],
};

/** The capabilities all of whose methods the binding offers: `offers(method, argument)`. */
function capabilities(offers) {
  return Object.keys(CAPABILITIES).filter((name) => CAPABILITIES[name].every((use) => offers(...use)));
}

/** The entry of a table for a value of any kind; undefined if there is none. */
function find(table, key) {
  return typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Calls a function of the binding; one that is not there throws what JavaScript throws then. */
function call(binding, name, args) {
  if (typeof binding?.[name] !== 'function') throw new TypeError(`${name} is not a function`);
  return binding[name](...args);
}

/** The content as an app gets it from the binding's builders; what no builder could have made stays as it is. */
function build(builders, content) {
  const [builder, key] = find(BUILDERS, content?.type) ?? [];
  const buildable = builder && Object.keys(content).every((name) => ['type', key].includes(name));
  return buildable ? builders[builder](content[key]) : content;
}

module.exports = { BUILDERS, CAPABILITIES, PARAMETERS, TELLING, build, call, capabilities, find };
