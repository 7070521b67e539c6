/** Included before every file, as Xcode does with the frameworks of an app. */
#import <Foundation/Foundation.h>
#import <Intercom/Intercom.h>
#import <dispatch/dispatch.h>
/** As expressions, so that @YES and @NO can be written. */
#undef YES
#undef NO
#define YES ((BOOL)1)
#define NO ((BOOL)0)
/** GNUstep is no module: `@import Intercom` becomes `@class Intercom`, and what it means stands above. */
#define import class
