import Intercom, { IntercomContent, Space } from '@intercom/intercom-react-native';

/** What a small app does with Intercom. */
export const browse = (page: string) => Intercom.logEvent('viewed', { page });

export async function signIn(userId: string): Promise<string> {
  try {
    await Intercom.loginUserWithUserAttributes({ userId, customAttributes: { plan: 'free' } });
    return 'welcome';
  } catch (error) {
    return `try again later (${(error as { code: string }).code})`;
  }
}

export const showArticle = (id: string) => Intercom.presentContent(IntercomContent.articleWithArticleId(id));
export const showHelp = () => Intercom.presentSpace(Space.helpCenter);
export const unread = () => Intercom.getUnreadConversationCount();

/** Wrong: the name is sent before anybody is logged in. A mock that always succeeds does not mind. */
export async function signInTheWrongWayRound(userId: string, name: string): Promise<void> {
  await Intercom.updateUser({ name });
  await Intercom.loginUserWithUserAttributes({ userId });
}
