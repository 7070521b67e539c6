/** The Intercom SDK for iOS as bridges call it. */
#import <Foundation/Foundation.h>
#import <Intercom/ICMUserAttributes.h>
#import <Intercom/ICMHelpCenter.h>

typedef enum { home, helpCenter, messages, tickets } Space;
typedef enum { IntercomProactiveContentTypeCarousel, IntercomProactiveContentTypeSurvey } IntercomProactiveContentType;
typedef enum {
    ICMThemeOverrideNone,
    ICMThemeOverrideLight,
    ICMThemeOverrideDark,
    ICMThemeOverrideSystem,
} ICMThemeOverride;

/** A piece of content: its type, and the id or the ids that it is found by. */
@interface IntercomContent : NSObject {
    NSDictionary *written;
}
/** The content as the guide writes it. */
@property (readonly) NSDictionary *written;
+ (instancetype)articleWithId:(NSString *)identifier;
+ (instancetype)carouselWithId:(NSString *)identifier;
+ (instancetype)surveyWithId:(NSString *)identifier;
+ (instancetype)conversationWithId:(NSString *)identifier;
+ (instancetype)helpCenterCollectionsWithIds:(NSArray *)ids;
@end

/**
 * What takes blocks is answered through them, later. What returns something waits for it. The rest tells no outcome, as
 * on a device; `silent` names it.
 */
@interface Intercom : NSObject
/** The guide's names of the methods that tell no outcome. */
+ (NSArray *)silent;

+ (void)setApiKey:(NSString *)apiKey forAppId:(NSString *)appId;
+ (void)enableLogging;

+ (void)loginUnidentifiedUserWithSuccess:(void (^)(void))success failure:(void (^)(NSError *error))failure;
+ (void)loginUserWithUserAttributes:(ICMUserAttributes *)attributes
                            success:(void (^)(void))success
                            failure:(void (^)(NSError *error))failure;
+ (void)updateUser:(ICMUserAttributes *)attributes
           success:(void (^)(void))success
           failure:(void (^)(NSError *error))failure;
+ (void)logout;
+ (void)setUserHash:(NSString *)hash;
+ (void)setUserJwt:(NSString *)jwt;
+ (void)setAuthTokens:(NSDictionary *)tokens
              success:(void (^)(void))success
              failure:(void (^)(NSError *error))failure;
+ (BOOL)isUserLoggedIn;
+ (ICMUserAttributes *)fetchLoggedInUserAttributes;
+ (NSUInteger)unreadConversationCount;

+ (void)logEventWithName:(NSString *)name;
+ (void)logEventWithName:(NSString *)name metaData:(NSDictionary *)metaData;

+ (void)presentIntercom;
+ (void)presentIntercom:(Space)space;
+ (void)presentContent:(IntercomContent *)content;
+ (void)presentMessageComposer:(NSString *)message;
+ (void)presentMessenger;
+ (void)presentHelpCenter;
+ (void)presentHelpCenterCollections:(NSArray *)ids;
+ (void)presentArticle:(NSString *)identifier;
+ (void)presentCarousel:(NSString *)identifier;
+ (void)presentSurvey:(NSString *)identifier;
+ (void)hideIntercom;

+ (void)setLauncherVisible:(BOOL)visible;
+ (void)setInAppMessagesVisible:(BOOL)visible;
+ (void)setBottomPadding:(double)padding;
+ (void)suppressProactiveContent:(NSArray *)types;
+ (void)setThemeOverride:(ICMThemeOverride)theme;
+ (void)setNeedsStatusBarAppearanceUpdate;

+ (void)setDeviceToken:(NSData *)token
               success:(void (^)(void))success
               failure:(void (^)(NSError *error))failure;
+ (BOOL)isIntercomPushNotification:(NSDictionary *)userInfo;
+ (void)handleIntercomPushNotification:(NSDictionary *)userInfo;

+ (void)fetchHelpCenterCollectionsWithCompletion:(void (^)(NSArray *collections, NSError *error))completion;
+ (void)fetchHelpCenterCollection:(NSString *)identifier
                   withCompletion:(void (^)(ICMHelpCenterCollectionContent *content, NSError *error))completion;
+ (void)searchHelpCenter:(NSString *)term
          withCompletion:(void (^)(NSArray *results, NSError *error))completion;
@end
