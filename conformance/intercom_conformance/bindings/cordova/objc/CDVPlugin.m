#import <Cordova/CDV.h>

@implementation CDVPluginResult
@synthesize status, message, keepCallback;

+ (instancetype)resultWithStatus:(CDVCommandStatus)status message:(id)message {
    CDVPluginResult *result = [self new];
    result.status = status;
    result.message = message;
    return result;
}

+ (instancetype)resultWithStatus:(CDVCommandStatus)status {
    return [self resultWithStatus:status message:nil];
}

+ (instancetype)resultWithStatus:(CDVCommandStatus)status messageAsString:(NSString *)message {
    return [self resultWithStatus:status message:message];
}

+ (instancetype)resultWithStatus:(CDVCommandStatus)status messageAsNSInteger:(NSInteger)message {
    return [self resultWithStatus:status message:@(message)];
}

+ (instancetype)resultWithStatus:(CDVCommandStatus)status messageAsNSUInteger:(NSUInteger)message {
    return [self resultWithStatus:status message:@(message)];
}
@end

@implementation CDVInvokedUrlCommand
@synthesize arguments, callbackId;
@end

@implementation CDVPlugin
@synthesize commandDelegate;

- (void)pluginInitialize {
}
@end
