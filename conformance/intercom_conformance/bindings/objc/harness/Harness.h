/** What the harness offers to the stubs and to a family's host, and what it asks of the host. */
#import <Foundation/Foundation.h>

/** Receives the value of a native call; nil if there is none. */
typedef void (^Success)(id value);
typedef void (^Failure)(NSError *error);

/** The value, or what JSON has for nil. */
id orNull(id value);

/** The native SDK, which the kit plays. */
@interface Native : NSObject
/** Calls a method that tells no outcome: what the kit answers is ignored. */
+ (void)tell:(NSString *)method with:(NSArray *)arguments;
/** Calls a method whose outcome comes later; either block may be nil. */
+ (void)ask:(NSString *)method with:(NSArray *)arguments success:(Success)success failure:(Failure)failure;
/** Calls a method that returns what it finds; nil if it finds nothing, or not now. */
+ (id)get:(NSString *)method;
@end

/** One call of a bridge: what it asks for, and where its outcome goes. */
@interface Call : NSObject {
    NSString *name;
    NSString *method;
    NSArray *arguments;
    int home;
}
@property (readonly) NSString *method;
@property (readonly) NSArray *arguments;
- (id)initWithParams:(NSDictionary *)params;
/** Settles as "success" or "error"; nil is no value. */
- (void)settle:(NSString *)callback value:(id)value;
@end

/** A family's class `App`: a new object is a freshly installed app. */
@protocol Host
/** What the result of initialize says beyond what the harness knows. */
- (NSDictionary *)binding;
/** JavaScript calls the bridge. What this throws ends the app. */
- (void)call:(Call *)call;
@end
