#import <Cordova/CDV.h>
#import "Harness.h"

/**
 * A running Cordova app with one plugin, whose class is the driver's first argument. As in cordova-ios 7.1
 * (CDVCommandQueue.m), an action that the plugin does not have is logged and never answered, and nothing catches what
 * one throws.
 */
@interface App : NSObject <Host, CDVCommandDelegate> {
    CDVPlugin *plugin;
    NSMutableDictionary *calls;
}
@end

@implementation App
- (id)init {
    calls = [NSMutableDictionary new];
    plugin = [NSClassFromString([[NSProcessInfo processInfo] arguments][1]) new];
    plugin.commandDelegate = self;
    [plugin pluginInitialize];
    return self;
}

- (NSDictionary *)binding {
    return @{@"silent": [Intercom silent]};
}

- (NSDictionary *)settings {
    return @{@"intercom-ios-api-key": @"ios_sdk-key", @"intercom-app-id": @"app"};
}

- (void)call:(Call *)call {
    SEL action = NSSelectorFromString([call.method stringByAppendingString:@":"]);
    CDVInvokedUrlCommand *command = [CDVInvokedUrlCommand new];
    command.arguments = call.arguments;
    command.callbackId = [NSString stringWithFormat:@"Intercom%lu", (unsigned long)[calls count]];
    calls[command.callbackId] = call;
    if ([plugin respondsToSelector:action]) {
        [plugin performSelector:action withObject:command];
    } else {
        NSLog(@"The plugin has no action %@.", call.method);
    }
}

/** As cordova.js does it: OK is a success, and no other result but none at all; what is not kept comes once. */
- (void)sendPluginResult:(CDVPluginResult *)result callbackId:(NSString *)callbackId {
    id call = calls[callbackId];
    if (![result.keepCallback boolValue]) {
        calls[callbackId] = [NSNull null];
    }
    if (result.status != CDVCommandStatus_NO_RESULT && call != [NSNull null]) {
        [call settle:result.status == CDVCommandStatus_OK ? @"success" : @"error" value:orNull(result.message)];
    }
}
@end
