#import <UIKit/UIKit.h>

@implementation UIUserNotificationSettings
+ (instancetype)settingsForTypes:(NSUInteger)types categories:(NSSet *)categories {
    return [self new];
}
@end

@implementation UIApplication
+ (UIApplication *)sharedApplication {
    return [self new];
}

- (void)registerUserNotificationSettings:(UIUserNotificationSettings *)settings {
}

- (void)registerForRemoteNotifications {
}
@end
