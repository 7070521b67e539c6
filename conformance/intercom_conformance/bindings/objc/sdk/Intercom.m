#import <Intercom/Intercom.h>
#import "Harness.h"
#include <Block.h>

static NSString *visibility(BOOL visible) {
    return visible ? @"VISIBLE" : @"GONE";
}

/** The block without the value that a success of these methods does not have. */
static Success without(void (^success)(void)) {
    if (success == nil) {
        return nil;
    }
    return Block_copy(^(id value) { success(); });
}

static NSString *hexadecimal(NSData *data) {
    NSMutableString *text = [NSMutableString string];
    const unsigned char *bytes = [data bytes];
    for (NSUInteger i = 0; i < [data length]; i++) {
        [text appendFormat:@"%02x", bytes[i]];
    }
    return text;
}

@implementation IntercomContent
@synthesize written;

+ (instancetype)of:(NSString *)type key:(NSString *)key value:(id)value {
    IntercomContent *content = [self new];
    content->written = [@{@"type": type, key: orNull(value)} retain];
    return content;
}

+ (instancetype)articleWithId:(NSString *)identifier {
    return [self of:@"ARTICLE" key:@"id" value:identifier];
}

+ (instancetype)carouselWithId:(NSString *)identifier {
    return [self of:@"CAROUSEL" key:@"id" value:identifier];
}

+ (instancetype)surveyWithId:(NSString *)identifier {
    return [self of:@"SURVEY" key:@"id" value:identifier];
}

+ (instancetype)conversationWithId:(NSString *)identifier {
    return [self of:@"CONVERSATION" key:@"id" value:identifier];
}

+ (instancetype)helpCenterCollectionsWithIds:(NSArray *)ids {
    return [self of:@"HELP_CENTER_COLLECTIONS" key:@"ids" value:ids];
}
@end

@implementation Intercom
+ (NSArray *)silent {
    return @[@"logout", @"setUserHash", @"logEvent", @"present", @"presentSpace", @"presentContent",
             @"presentMessageComposer", @"setLauncherVisibility", @"setInAppMessageVisibility", @"setBottomPadding",
             @"hideIntercom"];
}

+ (void)setApiKey:(NSString *)apiKey forAppId:(NSString *)appId {
}

+ (void)enableLogging {
}

+ (void)setCordovaVersion:(NSString *)version {
}

+ (void)setReactNativeVersion:(NSString *)version {
}

+ (void)loginUnidentifiedUserWithSuccess:(void (^)(void))success failure:(void (^)(NSError *error))failure {
    [Native ask:@"loginUnidentifiedUser" with:@[] success:without(success) failure:failure];
}

+ (void)loginUserWithUserAttributes:(ICMUserAttributes *)attributes
                            success:(void (^)(void))success
                            failure:(void (^)(NSError *error))failure {
    NSArray *given = @[orNull([attributes written])];
    [Native ask:@"loginUserWithUserAttributes" with:given success:without(success) failure:failure];
}

+ (void)updateUser:(ICMUserAttributes *)attributes
           success:(void (^)(void))success
           failure:(void (^)(NSError *error))failure {
    [Native ask:@"updateUser" with:@[orNull([attributes written])] success:without(success) failure:failure];
}

+ (void)logout {
    [Native tell:@"logout" with:@[]];
}

+ (void)setUserHash:(NSString *)hash {
    [Native tell:@"setUserHash" with:@[orNull(hash)]];
}

/** The guide knows no such method; nothing reaches the kit. */
+ (void)setUserJwt:(NSString *)jwt {
}

/** The guide knows no such method; nothing reaches the kit, and it succeeds. */
+ (void)setAuthTokens:(NSDictionary *)tokens
              success:(void (^)(void))success
              failure:(void (^)(NSError *error))failure {
    success();
}

+ (BOOL)isUserLoggedIn {
    return [[Native get:@"isUserLoggedIn"] isEqual:@YES];
}

+ (ICMUserAttributes *)fetchLoggedInUserAttributes {
    NSDictionary *found = [Native get:@"fetchLoggedInUserAttributes"];
    if (![found isKindOfClass:[NSDictionary class]]) {
        return nil;
    }
    ICMUserAttributes *attributes = [ICMUserAttributes new];
    attributes.userId = found[@"userId"];
    attributes.email = found[@"email"];
    return attributes;
}

+ (NSUInteger)unreadConversationCount {
    id count = [Native get:@"unreadConversationCount"];
    return [count isKindOfClass:[NSNumber class]] ? [count unsignedIntegerValue] : 0;
}

+ (void)logEventWithName:(NSString *)name {
    [Native tell:@"logEvent" with:@[orNull(name)]];
}

+ (void)logEventWithName:(NSString *)name metaData:(NSDictionary *)metaData {
    [Native tell:@"logEvent" with:@[orNull(name), orNull(metaData)]];
}

+ (void)presentIntercom {
    [Native tell:@"present" with:@[]];
}

+ (void)presentIntercom:(Space)space {
    [Native tell:@"presentSpace" with:@[@[@"HOME", @"HELP_CENTER", @"MESSAGES", @"TICKETS"][space]]];
}

+ (void)presentContent:(IntercomContent *)content {
    [Native tell:@"presentContent" with:@[orNull([content written])]];
}

/** No message is nil, which is what the guide's call is without one. */
+ (void)presentMessageComposer:(NSString *)message {
    [Native tell:@"presentMessageComposer" with:message == nil ? @[] : @[message]];
}

+ (void)presentMessenger {
    [self presentIntercom];
}

+ (void)presentHelpCenter {
    [self presentIntercom:helpCenter];
}

+ (void)presentHelpCenterCollections:(NSArray *)ids {
    [self presentContent:[IntercomContent helpCenterCollectionsWithIds:ids]];
}

+ (void)presentArticle:(NSString *)identifier {
    [self presentContent:[IntercomContent articleWithId:identifier]];
}

+ (void)presentCarousel:(NSString *)identifier {
    [self presentContent:[IntercomContent carouselWithId:identifier]];
}

+ (void)presentSurvey:(NSString *)identifier {
    [self presentContent:[IntercomContent surveyWithId:identifier]];
}

+ (void)hideIntercom {
    [Native tell:@"hideIntercom" with:@[]];
}

+ (void)setLauncherVisible:(BOOL)visible {
    [Native tell:@"setLauncherVisibility" with:@[visibility(visible)]];
}

+ (void)setInAppMessagesVisible:(BOOL)visible {
    [Native tell:@"setInAppMessageVisibility" with:@[visibility(visible)]];
}

+ (void)setBottomPadding:(double)padding {
    [Native tell:@"setBottomPadding" with:@[@(padding)]];
}

+ (void)suppressProactiveContent:(NSArray *)types {
}

+ (void)setThemeOverride:(ICMThemeOverride)theme {
}

+ (void)setNeedsStatusBarAppearanceUpdate {
}

+ (void)setDeviceToken:(NSData *)token
               success:(void (^)(void))success
               failure:(void (^)(NSError *error))failure {
    [Native ask:@"sendPushToken" with:@[hexadecimal(token)] success:without(success) failure:failure];
}

+ (BOOL)isIntercomPushNotification:(NSDictionary *)userInfo {
    return NO;
}

+ (void)handleIntercomPushNotification:(NSDictionary *)userInfo {
}

+ (void)fetchHelpCenterCollectionsWithCompletion:(void (^)(NSArray *collections, NSError *error))completion {
    [Native ask:@"fetchHelpCenterCollections" with:@[]
        success:^(id value) { completion([ICMHelpCenterCollection each:value], nil); }
        failure:^(NSError *error) { completion(nil, error); }];
}

+ (void)fetchHelpCenterCollection:(NSString *)identifier
                   withCompletion:(void (^)(ICMHelpCenterCollectionContent *content, NSError *error))completion {
    [Native ask:@"fetchHelpCenterCollection" with:@[orNull(identifier)]
        success:^(NSDictionary *value) { completion([ICMHelpCenterCollectionContent of:value], nil); }
        failure:^(NSError *error) { completion(nil, error); }];
}

+ (void)searchHelpCenter:(NSString *)term
          withCompletion:(void (^)(NSArray *results, NSError *error))completion {
    [Native ask:@"searchHelpCenter" with:@[orNull(term)]
        success:^(id value) { completion([ICMHelpCenterArticleSearchResult each:value], nil); }
        failure:^(NSError *error) { completion(nil, error); }];
}
@end
