/** React Native's native modules as they are written for the bridge. */
#import <Foundation/Foundation.h>

typedef void (^RCTPromiseResolveBlock)(id result);
typedef void (^RCTPromiseRejectBlock)(NSString *code, NSString *message, NSError *error);

@protocol RCTBridgeModule <NSObject>
@end

#define RCT_JOINED(first, second) first##second
#define RCT_NAMED(number) RCT_JOINED(exported, number)
#define RCT_EXPORT_MODULE(name)
/** The method, and a class method that tells how it is written. */
#define RCT_EXPORT_METHOD(method) \
    +(NSString *)RCT_NAMED(__COUNTER__) { return @#method; } \
    -(void)method
