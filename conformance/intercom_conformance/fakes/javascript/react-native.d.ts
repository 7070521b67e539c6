import { Fake } from './index.js';

export enum Visibility { GONE = 'GONE', VISIBLE = 'VISIBLE' }
export enum LogLevel {
  ASSERT = 'ASSERT',
  DEBUG = 'DEBUG',
  DISABLED = 'DISABLED',
  ERROR = 'ERROR',
  INFO = 'INFO',
  VERBOSE = 'VERBOSE',
  WARN = 'WARN',
}
export enum ThemeMode { LIGHT = 'LIGHT', DARK = 'DARK', SYSTEM = 'SYSTEM' }
export enum Space { home = 'HOME', helpCenter = 'HELP_CENTER', messages = 'MESSAGES', tickets = 'TICKETS' }
export enum ProactiveContentType { Carousel = 'CAROUSEL', Survey = 'SURVEY' }
export enum ContentType {
  Article = 'ARTICLE',
  Carousel = 'CAROUSEL',
  Survey = 'SURVEY',
  HelpCenterCollections = 'HELP_CENTER_COLLECTIONS',
  Conversation = 'CONVERSATION',
}

export interface Content { type: ContentType }
export interface Article extends Content { id: string }
export interface HelpCenterCollections extends Content { ids: string[] }

export type CustomAttributes = { [key: string]: boolean | string | number };
export type MetaData = { [key: string]: any };
export type Company = {
  id: string;
  name?: string;
  createdAt?: number;
  monthlySpend?: number;
  plan?: string;
  customAttributes?: CustomAttributes;
};
export type UserAttributes = {
  companies?: Array<Omit<Company, 'customAttributes'> & { customAttributes?: Object }>;
  customAttributes?: Object;
  email?: string;
  languageOverride?: string;
  name?: string;
  phone?: string;
  signedUpAt?: number;
  unsubscribedFromEmails?: boolean;
  userId?: string;
};
export type HelpCenterArticle = { id: string; title: string };
export type HelpCenterSection = { title: string; articles: HelpCenterArticle };
export type HelpCenterCollectionItem = { id: string; title: string; summary: string };
export type HelpCenterCollectionContent = {
  id: string;
  title: string;
  summary: string;
  articles: HelpCenterArticle[];
  sections: HelpCenterSection[];
};
export type HelpCenterArticleSearchResult = {
  id: string;
  title: string;
  matchingSnippet: string;
  summary: string;
};

export type IntercomType = {
  initialize(apiKey: string, appId: string): Promise<boolean>;
  loginUnidentifiedUser(): Promise<boolean>;
  loginUserWithUserAttributes(params: UserAttributes): Promise<boolean>;
  logout(): Promise<boolean>;
  setUserHash(hash: string): Promise<boolean>;
  updateUser(userAttributes: UserAttributes): Promise<boolean>;
  isUserLoggedIn(): Promise<boolean>;
  fetchLoggedInUserAttributes(): Promise<UserAttributes>;
  logEvent(eventName: string, metaData?: MetaData): Promise<boolean>;
  present(): Promise<boolean>;
  presentSpace(space: Space): Promise<boolean>;
  presentContent(content: Content): Promise<boolean>;
  presentMessageComposer(initialMessage?: string): Promise<boolean>;
  fetchHelpCenterCollections(): Promise<HelpCenterCollectionItem[]>;
  fetchHelpCenterCollection(id: string): Promise<HelpCenterCollectionContent>;
  searchHelpCenter(term: string): Promise<HelpCenterArticleSearchResult[]>;
  getUnreadConversationCount(): Promise<number>;
  hideIntercom(): Promise<boolean>;
  setBottomPadding(bottomPadding: number): Promise<boolean>;
  setInAppMessageVisibility(visibility: keyof typeof Visibility): Promise<boolean>;
  suppressProactiveContent(types: ProactiveContentType[]): Promise<boolean>;
  setLauncherVisibility(visibility: keyof typeof Visibility): Promise<boolean>;
  setNeedsStatusBarAppearanceUpdate(): Promise<boolean>;
  sendTokenToIntercom(token: string): Promise<boolean>;
  setLogLevel(logLevel: keyof typeof LogLevel): Promise<boolean>;
  setThemeMode(themeMode: keyof typeof ThemeMode): Promise<boolean>;
  setUserJwt(jwt: string): Promise<boolean>;
  setAuthTokens(authTokens: { [key: string]: string }): Promise<boolean>;
  bootstrapEventListeners(): () => void;
};
export type IntercomContentType = {
  articleWithArticleId(articleId: string): Article;
  carouselWithCarouselId(carouselId: string): Article;
  surveyWithSurveyId(surveyId: string): Article;
  helpCenterCollectionsWithIds(collectionIds: string[]): HelpCenterCollections;
  conversationWithConversationId(conversationId: string): Article;
};

declare const Intercom: IntercomType;
export default Intercom;
export const IntercomContent: IntercomContentType;
export const IntercomEvents: {
  IntercomUnreadCountDidChange: string;
  IntercomWindowDidHide: string;
  IntercomWindowDidShow: string;
  IntercomHelpCenterWindowDidShow: string;
  IntercomHelpCenterWindowDidHide: string;
};

/** For the test: what the app did, and what the world does to it. */
export const fake: Fake;
/** What an app's NativeEventEmitter would give it. */
export const events: {
  addListener(event: string, listener: (body: { count?: number }) => void): { remove(): void };
};
