import { Fake } from './index.js';

/** Called without value, save by functions that ask for something. */
export type Success = ((value?: any) => void) | null;
/** Called with the plugin's error: `"<code> : <message>"` on Android, the code on iOS. */
export type Failure = ((error: string | number) => void) | null;
type Plain = (success?: Success, error?: Failure) => void;
type With<Value> = (value: Value, success?: Success, error?: Failure) => void;

export interface IntercomContentObject { type: string; id?: string; ids?: string[] }

export interface IntercomPlugin {
  loginUnidentifiedUser: With<object | null>;
  loginUserWithUserAttributes: With<object>;
  logout: Plain;
  setUserHash: With<string>;
  updateUser: With<object>;
  isUserLoggedIn: Plain;
  fetchLoggedInUserAttributes: Plain;
  logEvent(eventName: string, metaData?: object | null, success?: Success | object, error?: Failure | object): void;
  present: Plain;
  presentSpace: With<string>;
  presentContent: With<IntercomContentObject>;
  presentMessageComposer: With<string | null>;
  unreadConversationCount(success?: Success, error?: Failure): number | undefined;
  setLauncherVisibility: With<string>;
  setInAppMessageVisibility: With<string>;
  setBottomPadding: With<number>;
  hideIntercom: Plain;
  sendPushToken: With<string>;
  sendPushTokenToIntercom: With<string>;
  sendTokenToIntercom: With<string>;
  registerForPush: Plain;
  fetchHelpCenterCollections: Plain;
  fetchHelpCenterCollection: With<string>;
  searchHelpCenter: With<string>;
  /** @deprecated */ registerUnidentifiedUser: With<object | null>;
  /** @deprecated */ registerIdentifiedUser: With<object>;
  /** @deprecated */ reset: Plain;
  /** @deprecated */ displayMessenger: Plain;
  /** @deprecated */ displayMessageComposer: Plain;
  /** @deprecated */ displayMessageComposerWithInitialMessage: With<string>;
  /** @deprecated */ displayConversationsList: Plain;
  /** @deprecated */ displayHelpCenter: Plain;
  /** @deprecated */ displayHelpCenterCollections: With<string[] | { collectionIds: string[] }>;
  /** @deprecated */ displayCarousel: With<string>;
  /** @deprecated */ displayArticle: With<string>;
  /** @deprecated */ displaySurvey: With<string>;
  /** @deprecated */ setSecureMode(hash: string, data: string, success?: Success, error?: Failure): void;
  /** @deprecated */ hideMessenger: Plain;
  readonly space: { Home: string; HelpCenter: string; Messages: string; Tickets: string };
  readonly VISIBLE: 'VISIBLE';
  readonly GONE: 'GONE';
}

export interface IntercomContentBuilders {
  articleWithArticleId(id: string): IntercomContentObject;
  carouselWithCarouselId(id: string): IntercomContentObject;
  surveyWithSurveyId(id: string): IntercomContentObject;
  helpCenterCollectionsWithIds(ids: string[]): IntercomContentObject;
  conversationWithConversationId(id: string): IntercomContentObject;
}

export const intercom: IntercomPlugin;
export const intercomContent: IntercomContentBuilders;
/** For the test: what the app did, and what the world does to it. */
export const fake: Fake;
/** Puts `intercom` and `intercomContent` into a window; the result takes them away again. */
export function install(target?: object): () => void;
