#import <Foundation/Foundation.h>

typedef enum {
    CDVCommandStatus_NO_RESULT,
    CDVCommandStatus_OK,
    CDVCommandStatus_CLASS_NOT_FOUND_EXCEPTION,
    CDVCommandStatus_ILLEGAL_ACCESS_EXCEPTION,
    CDVCommandStatus_INSTANTIATION_EXCEPTION,
    CDVCommandStatus_MALFORMED_URL_EXCEPTION,
    CDVCommandStatus_IO_EXCEPTION,
    CDVCommandStatus_INVALID_ACTION,
    CDVCommandStatus_JSON_EXCEPTION,
    CDVCommandStatus_ERROR,
} CDVCommandStatus;

/** What a plugin answers; without a message, JavaScript hears null. */
@interface CDVPluginResult : NSObject {
    CDVCommandStatus status;
    id message;
    NSNumber *keepCallback;
}
@property CDVCommandStatus status;
@property (strong) id message;
@property (strong) NSNumber *keepCallback;
+ (instancetype)resultWithStatus:(CDVCommandStatus)status;
+ (instancetype)resultWithStatus:(CDVCommandStatus)status messageAsString:(NSString *)message;
+ (instancetype)resultWithStatus:(CDVCommandStatus)status messageAsNSInteger:(NSInteger)message;
+ (instancetype)resultWithStatus:(CDVCommandStatus)status messageAsNSUInteger:(NSUInteger)message;
@end

@interface CDVInvokedUrlCommand : NSObject {
    NSArray *arguments;
    NSString *callbackId;
}
@property (strong) NSArray *arguments;
@property (strong) NSString *callbackId;
@end

@protocol CDVCommandDelegate <NSObject>
@property (readonly) NSDictionary *settings;
- (void)sendPluginResult:(CDVPluginResult *)result callbackId:(NSString *)callbackId;
@end

@interface CDVPlugin : NSObject {
    id<CDVCommandDelegate> commandDelegate;
}
@property (strong) id<CDVCommandDelegate> commandDelegate;
- (void)pluginInitialize;
@end
