/** The delegate of the app, which a plugin may extend. */
#import <Foundation/Foundation.h>

@interface AppDelegate : NSObject
@end
