/** As much of UIKit as bridges name. */
#import <Foundation/Foundation.h>

typedef double CGFloat;
typedef enum {
    UIUserNotificationTypeBadge = 1,
    UIUserNotificationTypeSound = 2,
    UIUserNotificationTypeAlert = 4,
} UIUserNotificationType;

@interface UIUserNotificationSettings : NSObject
+ (instancetype)settingsForTypes:(NSUInteger)types categories:(NSSet *)categories;
@end

@interface UIApplication : NSObject
+ (UIApplication *)sharedApplication;
- (void)registerUserNotificationSettings:(UIUserNotificationSettings *)settings;
- (void)registerForRemoteNotifications;
@end
